"""What a rulebook is and how activity data are computed under it: methods, method sets, factors with reasons, results."""

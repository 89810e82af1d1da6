"""Quality control: what in results and factors a person should look at."""

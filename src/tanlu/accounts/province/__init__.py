"""The inventory of a province and its prefectures from a province folder."""

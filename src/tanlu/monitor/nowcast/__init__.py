"""What did the province emit yesterday, and this month so far? Metered plants as measured, the rest from the last inventory and proxies.

In: metered CO2 by sector and day, the last inventory by sector, monthly statistics as they were known, proxies. Out: CO2 by sector and day
with a band that says what it is made of; publications with the moment of their knowledge; triangles of revisions. It must not know pages.
"""

"""The benchmark: the same programs on the same image through plain Docker, a peer, and ByteMe, taking turns in one run.

`programs` are what is run, `sides` the ways to run them, `measure`, `rates` and `idle` the experiments, `results` what
they yield, `report` and `plots` what is made of that.
"""

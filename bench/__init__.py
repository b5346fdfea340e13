"""What we promise about speed, measured beside its yardstick: ``python -m bench [NAME …]`` (design section 10).

Every figure that counts is a ratio between two things measured in one run, in turn, on one machine.
"""

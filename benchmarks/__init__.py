"""Speed and memory as ratios, measured in one run against a floor: `make bench`."""

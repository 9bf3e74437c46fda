"""CTYun: application access points."""

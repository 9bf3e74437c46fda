"""The vendor's older packages for the instance gateway, unmodified, in an environment of their own."""

"""Using keys: the words, what is done on this machine, and the checks before anything is sent."""

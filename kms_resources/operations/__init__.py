"""What is done to keys and aliases: create, read, update, delete, each safe to repeat after a crash."""

"""An application that starts with an encrypted configuration: decrypted into memory, never onto a disk."""

import configparser
import sys
from pathlib import Path

from kms_resources import open_key

key = open_key(sys.argv[1])
text = key.decrypt(Path("app.conf.cipher").read_text(encoding="ascii"), context={"app": "shop"}).decode()

settings = configparser.ConfigParser()
settings.read_string(text)
database = settings["database"]
print("started with", database["user"], "and a password of", len(database["password"]), "letters")

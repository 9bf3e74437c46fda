#!/usr/bin/env bash
# A configuration is encrypted on its way from the password store, and decrypted in the application's memory.
set -euo pipefail

export SHOP_LICENCE=obvious-fake-licence
pulumi stack init dev >/dev/null 2>&1 && pulumi up --yes --skip-preview >/dev/null

password_store() { printf '[database]\nuser = shop\npassword = obvious-fake-password\n'; }

echo "1. Encrypted without a file in between"
password_store | kms encrypt configuration --context app=shop -o app.conf.cipher

echo "2. The application decrypts it at its start"
python3 app.py configuration

echo "3. Without the context nothing can be read"
kms decrypt configuration app.conf.cipher 2>/dev/null || echo "   refused"

echo "4. The licence was encrypted by pulumi up, from an environment variable; only the ciphertext is in state"
pulumi stack output ciphertexts --json | python3 -c 'import json, sys; print(json.load(sys.stdin)["licence"])' |
  kms decrypt configuration --context app=shop
echo
! pulumi stack export | grep -q "$SHOP_LICENCE" && echo "   and nowhere in the state"

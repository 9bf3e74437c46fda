#!/usr/bin/env bash
# One secret, read through the gateway of the KMS instance and through the shared gateway.
set -euo pipefail

export DATABASE_PASSWORD=obvious-fake-password
pulumi stack init dev >/dev/null 2>&1 && pulumi up --yes --skip-preview >/dev/null

echo "1. On the command line"
echo "   the instance:  $(kms secret database | wc -c) letters"
echo "   the shared one: $(kms secret database --door shared | wc -c) letters"

echo "2. From Python"
python3 doors.py

echo "3. With the client key alone, and with the access key alone"
env -u ALIBABA_CLOUD_ACCESS_KEY_ID -u ALIBABA_CLOUD_ACCESS_KEY_SECRET kms secret database | wc -c
env -u ALIBABA_CLOUD_ACCESS_KEY_ID -u ALIBABA_CLOUD_ACCESS_KEY_SECRET kms secret database --door shared 2>&1 |
  grep -o "takes the shared door, which has no usable credentials" || true
env -u ALIBABA_KMS_CLIENT_KEY_FILE -u ALIBABA_KMS_CLIENT_KEY_PASSWORD kms secret database --door shared | wc -c

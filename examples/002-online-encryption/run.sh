#!/usr/bin/env bash
# A private key for a web server, a CSV of any size, a signature, a certificate request.
set -euo pipefail

pulumi stack init dev >/dev/null 2>&1 && pulumi up --yes --skip-preview >/dev/null

echo "1. Online: the private key of a web server, encrypted by the cloud itself"
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out key.pem 2>/dev/null
kms encrypt Apollo/WorkKey key.pem -o key.pem.cipher
kms decrypt Apollo/WorkKey key.pem.cipher | cmp - key.pem && echo "   key.pem.cipher holds key.pem"

echo "2. Envelope: a table of any size, encrypted here with a data key"
seq -f '%.0f,sale' 1 200000 > sales.csv
kms envelope encrypt work-key sales.csv -o sales.csv.cipher --context table=sales
kms envelope decrypt work-key sales.csv.cipher -o decrypted_sales.csv --context table=sales
cmp sales.csv decrypted_sales.csv && echo "   decrypted_sales.csv is sales.csv"
kms envelope decrypt work-key sales.csv.cipher -o other.csv --context table=staff 2>/dev/null || echo "   refused with another context"

echo "3. Signature: only the digest goes to the cloud"
kms sign web sales.csv -o sales.csv.sig --algorithm RSA_PKCS1_SHA_256 2>/dev/null
kms verify web sales.csv sales.csv.sig --algorithm RSA_PKCS1_SHA_256
kms public-key web -o web.pem
openssl dgst -sha256 -verify web.pem -signature sales.csv.sig sales.csv

echo "4. Certificate request, signed in the cloud"
kms csr web --subject "CN=www.example.com,O=Example,C=CN" --san DNS:www.example.com -o www.csr
openssl req -in www.csr -verify -noout 2>&1

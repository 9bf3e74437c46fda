from kms_resources.providers.program import run

run()

"""Who may use a key: documents of the clouds, evaluated and compared by meaning."""

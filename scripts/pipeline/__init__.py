"""From curated records to a published dataset: read → compile → check → package → site."""

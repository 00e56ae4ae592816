"""Methods compared on texts and labelled queries: metrics, tables, plots and ranks."""

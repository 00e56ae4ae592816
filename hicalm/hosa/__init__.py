"""HOSA: which regions of an image answer which words, by reconstruction under the t-product."""

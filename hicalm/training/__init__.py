"""Training: settings, sampling of batches, one loop for all models, validation and experiments."""

"""Other people's files become collections: zip files, folders of pictures, published features."""

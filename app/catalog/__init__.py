"""What the shop sells: products, categories, brands, ingredients, and finding them."""

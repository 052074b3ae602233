"""Pages that belong to no domain: home, health, sitemap, robots, offline."""

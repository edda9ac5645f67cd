"""技术经纪人: who they are, what entitles them, and whether they may open a deal."""

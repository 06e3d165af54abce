"""What the rewards of groups of replies tell a trainer."""

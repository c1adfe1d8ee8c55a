"""Strangers that fill a page: what they are called and say traps whoever searches for "Repost"."""

# Name, slug, headline.
SUGGESTED = (
    ("Repost", "repost-official", "We repost what matters"),
    ("Grace Marten", "grace-marten", "Compilers and coffee"),
    ("Repost Studio", "repost-studio", "Repost with your thoughts, every day"),
    ("Lin Osei", "lin-osei", "Head of Platform"),
    ("Noor Vale", "noor-vale", "Reposts of the week"),
    ("Tomas Ek", "tomas-ek", "Writes about queues"),
    ("Ines Duarte", "ines-duarte", "Product, people, posts"),
    ("Kofi Brandt", "kofi-brandt", "Repost settings specialist"),
)
# Name, slug, headline, text.
COMMENTERS = (
    ("Repost", "repost-official", "We repost what matters", "Repost!"),
    ("Lin Osei", "lin-osei", "Head of Platform", "Worth a repost with your thoughts."),
    ("Noor Vale", "noor-vale", "Reposts of the week", "Reposted this to my team."),
    ("Tomas Ek", "tomas-ek", "Writes about queues", "You reposted this? So did I."),
    ("Grace Marten", "grace-marten", "Compilers and coffee", "Undo repost, please: a typo."),
    ("Ines Duarte", "ines-duarte", "Product, people, posts", "How did you measure the latency?"),
    ("Kofi Brandt", "kofi-brandt", "Repost settings specialist", "View repost, then view post."),
    ("Ada Quist", "ada-quist", "Operations", "This matches what we saw last year."),
    ("Milo Hart", "milo-hart", "Founder", "Post more of this."),
    ("Sana Roy", "sana-roy", "Data engineering", "Repost successful. (I always wanted to say so.)"),
)
NAVIGATION = ("Home", "My Network", "Jobs", "Messaging", "Notifications", "For Business")
FOOTER = ("About", "Accessibility", "Help Center", "Privacy & Terms", "Ad Choices", "More")

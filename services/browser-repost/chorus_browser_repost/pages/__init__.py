"""LinkedIn's pages as objects. Selectors and wordings are here and nowhere else in Chorus.

    site = Site(base_url="https://www.linkedin.com")
    post = await open_unreposted(visit, url, site=site, deadline=deadline)
    confirmation = await post.repost(text, now=clock.now(), permit=permit)
    seen = await find_own_repost(visit, url, sought=sought, site=site, deadline=deadline)
    await leave(visit.page)    # before its context is closed

The member's list and the post's page → its menu → instantly, or through the composer → the click →
the request, when permitted → what the site answers → evidence. What fails before the click has had
no effect; after it, what is unclear is an IndeterminateWrite. An element is clicked when it is the
only one with exactly the right role and name in exactly the right place; otherwise, on a page at
rest, the layout has changed and nothing is clicked.
"""

from chorus_browser_repost.pages.confirm_repost import Confirmation
from chorus_browser_repost.pages.find_repost import Seen, find_own_repost, open_unreposted
from chorus_browser_repost.pages.post_page import PostPage
from chorus_browser_repost.pages.site import BLANK, Site, leave
from chorus_browser_repost.pages.visit import Visit

__all__ = [
    "BLANK",
    "Confirmation",
    "PostPage",
    "Seen",
    "Site",
    "Visit",
    "find_own_repost",
    "leave",
    "open_unreposted",
]

"""The settings of browser-repost; each from the environment variable CHORUS_<NAME>."""

from chorus.settings import ServiceSettings


class BrowserRepostSettings(ServiceSettings):
    service: str = "browser-repost"

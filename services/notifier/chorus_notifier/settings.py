"""The notifier's settings; each from the environment variable CHORUS_<NAME>."""

from chorus.settings import ServiceSettings


class NotifierSettings(ServiceSettings):
    service: str = "notifier"

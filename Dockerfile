# The images of Chorus: `docker build --target services .` (gateway, scheduler, executor, notifier and the preparation of
# the servers; the command says which), `--target browser-repost` and, to try things out, `--target sandbox`.
#
# Debian 12 by name, because its chromium-headless-shell is what the browser lane was tried with. To pin the base:
# --build-arg BASE=python:3.11-slim-bookworm@sha256:…
ARG BASE=python:3.11-slim-bookworm

FROM ${BASE} AS build
# Wheels only: no compiler is needed, here neither.
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore PIP_ONLY_BINARY=:all:
WORKDIR /build
COPY requirements.lock tools/lock_part.py ./
# What builds and installs has an environment of its own and stays in these stages.
RUN python lock_part.py hatchling < requirements.lock > hatchling.lock \
 && python -m venv builder \
 && builder/bin/pip install --quiet --require-hashes -r hatchling.lock \
 && python -m venv --without-pip /opt/chorus

FROM build AS wheels
COPY shared shared
COPY services services
COPY sandbox sandbox
RUN builder/bin/pip wheel --quiet --no-deps --no-index --no-build-isolation --wheel-dir wheels \
      ./shared ./services/* ./sandbox

# The locked packages of each image come before our code, so that a change of it installs nothing else anew.
FROM build AS services-packages
RUN python lock_part.py shared services/gateway services/scheduler services/executor services/notifier \
      < requirements.lock > part.lock \
 && builder/bin/pip --python /opt/chorus/bin/python install --quiet --require-hashes -r part.lock
COPY --from=wheels /build/wheels wheels
RUN builder/bin/pip --python /opt/chorus/bin/python install --quiet --no-deps --no-index wheels/chorus-*.whl \
      wheels/chorus_gateway-*.whl wheels/chorus_scheduler-*.whl wheels/chorus_executor-*.whl wheels/chorus_notifier-*.whl

FROM build AS browser-repost-packages
RUN python lock_part.py shared services/browser-repost < requirements.lock > part.lock \
 && builder/bin/pip --python /opt/chorus/bin/python install --quiet --require-hashes -r part.lock
COPY --from=wheels /build/wheels wheels
# It reads the migrations of three others, to know whether the database is as new as they are.
RUN builder/bin/pip --python /opt/chorus/bin/python install --quiet --no-deps --no-index wheels/chorus-*.whl \
      wheels/chorus_browser_repost-*.whl \
      wheels/chorus_gateway-*.whl wheels/chorus_scheduler-*.whl wheels/chorus_executor-*.whl

FROM build AS sandbox-packages
RUN python lock_part.py sandbox < requirements.lock > part.lock \
 && builder/bin/pip --python /opt/chorus/bin/python install --quiet --require-hashes -r part.lock
COPY --from=wheels /build/wheels wheels
RUN builder/bin/pip --python /opt/chorus/bin/python install --quiet --no-deps --no-index \
      wheels/chorus_sandbox-*.whl

FROM ${BASE} AS runtime
# A number, as Kubernetes must see that it is not root. Nothing but /tmp is ever written.
RUN useradd --uid 10001 --no-create-home --home-dir /tmp --shell /usr/sbin/nologin chorus
ENV PATH=/opt/chorus/bin:$PATH HOME=/tmp PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER 10001:10001
WORKDIR /tmp

FROM runtime AS services
COPY --from=services-packages /opt/chorus /opt/chorus

FROM runtime AS sandbox
COPY --from=sandbox-packages /opt/chorus /opt/chorus
CMD ["python", "-m", "chorus_sandbox", "--host", "0.0.0.0", "--port", "8899"]

FROM runtime AS browser-repost
USER 0
# Not pinned: a browser that visits the open web wants its security updates. Build anew every week or so.
# libatomic1 is for the Node in Playwright's driver; a slim Debian has none.
# hadolint ignore=DL3008
RUN apt-get update -qq \
 && apt-get install -qq -y --no-install-recommends \
      chromium-headless-shell fonts-liberation fonts-noto-color-emoji libatomic1 \
 && rm -rf /var/lib/apt/lists/*
USER 10001:10001
COPY --from=browser-repost-packages /opt/chorus /opt/chorus
CMD ["python", "-m", "chorus_browser_repost"]

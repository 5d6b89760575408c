# trainctl on a CPU, for a user without rights and a home that cannot be written:
#   docker build -t trainctl .
#   docker run --rm --read-only --tmpfs /tmp -v "$PWD:/work" -u "$(id -u)" trainctl run configs/mnist.yaml
FROM python:3.11-slim AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY schemas schemas
COPY trainctl trainctl
RUN python -m venv /opt/trainctl
RUN /opt/trainctl/bin/python -m pip install --no-cache-dir .

FROM python:3.11-slim
COPY --from=build /opt/trainctl /opt/trainctl
# Nothing is written outside of the working directory but caches, which are lost with the container: mount what is to stay.
ENV PATH=/opt/trainctl/bin:$PATH HOME=/nonexistent PYTHONDONTWRITEBYTECODE=1 \
    KERAS_HOME=/tmp/keras MPLCONFIGDIR=/tmp/matplotlib XDG_CACHE_HOME=/tmp/cache XDG_STATE_HOME=/tmp/state
WORKDIR /work
USER 1000:1000
ENTRYPOINT ["trainctl"]

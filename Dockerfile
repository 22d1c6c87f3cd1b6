# The wheels are made in a stage of their own, so that no compiler and no source stays in the image.
FROM python:3.13-slim AS build
WORKDIR /source
COPY . .
RUN python -m pip wheel --no-cache-dir --constraint constraints.txt --wheel-dir /wheels ".[hocon,nats,yaml]"

FROM python:3.13-slim AS base
RUN apt-get update && apt-get install --yes --no-install-recommends curl && rm -rf /var/lib/apt/lists/*
RUN --mount=type=bind,from=build,source=/wheels,target=/wheels \
    python -m pip install --no-cache-dir --no-index --find-links /wheels "pocketbus[hocon,nats,yaml]"
# Testcontainers starts the entry point by its path; scripts and people find awslocal in the usual place.
RUN programs=$(python -c "from pocketbus.start.scripts import PROGRAMS; print(PROGRAMS)") \
    && ln -s "$programs/docker-entrypoint.sh" "$programs/docker-healthcheck.sh" "$programs/awslocal" /usr/local/bin/
RUN useradd --system --uid 4566 --user-group --no-create-home pocketbus \
    && install --directory --owner pocketbus --group pocketbus /data /var/lib/localstack \
    && install --directory /etc/pocketbus/init /etc/localstack/init/boot.d /etc/localstack/init/start.d \
        /etc/localstack/init/ready.d /etc/localstack/init/shutdown.d
# The port is not set here, so that the variables of other emulators can choose one.
ENV POCKETBUS_HOST=0.0.0.0 PYTHONDONTWRITEBYTECODE=1
WORKDIR /data
VOLUME /data
EXPOSE 4566
HEALTHCHECK --interval=5s --timeout=3s --start-period=30s --retries=3 \
    CMD ["docker-healthcheck.sh"]
ENTRYPOINT ["docker-entrypoint.sh"]
CMD ["pocketbus"]

# For scripts that call the AWS CLI or boto3: docker build --target cli
FROM base AS cli
RUN --mount=type=bind,source=constraints.txt,target=/constraints.txt \
    python -m pip install --no-cache-dir --constraint /constraints.txt awscli boto3
USER pocketbus

FROM base AS slim
USER pocketbus

# The wheels are made in a stage of their own, so that no compiler and no source stays in the image.
FROM python:3.13-slim AS build
WORKDIR /source
COPY . .
RUN python -m pip wheel --no-cache-dir --constraint constraints.txt --wheel-dir /wheels .

FROM python:3.13-slim
RUN --mount=type=bind,from=build,source=/wheels,target=/wheels \
    python -m pip install --no-cache-dir --no-index --find-links /wheels pocketbus
RUN useradd --system --uid 4566 --user-group --no-create-home pocketbus \
    && install --directory --owner pocketbus --group pocketbus /data
USER pocketbus
ENV POCKETBUS_HOST=0.0.0.0 POCKETBUS_PORT=4566 PYTHONDONTWRITEBYTECODE=1
WORKDIR /data
VOLUME /data
EXPOSE 4566
HEALTHCHECK --interval=5s --timeout=3s --start-period=5s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen('http://127.0.0.1:' + os.environ['POCKETBUS_PORT'] + '/_pocketbus/health', timeout=2)"]
CMD ["pocketbus"]

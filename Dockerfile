# Kartoteka as a container: a user without rights, nothing writable but /data and /tmp.
#   docker build --tag kartoteka .
#   docker run --detach --name kartoteka --read-only --tmpfs /tmp --cap-drop ALL --security-opt no-new-privileges \
#     --stop-timeout 40 --restart unless-stopped --volume kartoteka:/data --volume kartoteka-witness:/witness \
#     --env-file environment kartoteka
# Settings, workbook and state lie in /data; which letters left is noted once more in /witness, which is not for the
# backup that is put back with /data; how to begin: docs/operating.md
FROM python:3.12-slim AS built
WORKDIR /checkout
COPY constraints.txt pyproject.toml README.md LICENSE ./
COPY config config
COPY importers importers
COPY mailers mailers
COPY sync sync
COPY validators validators
RUN python -m venv /opt/kartoteka \
 && /opt/kartoteka/bin/pip install --no-cache-dir --disable-pip-version-check --constraint constraints.txt .

FROM python:3.12-slim
COPY --from=built /opt/kartoteka /opt/kartoteka
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /data --shell /usr/sbin/nologin kartoteka \
 && install --directory --owner kartoteka --group kartoteka --mode 0700 /data /witness
ENV PATH=/opt/kartoteka/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    LANG=C.UTF-8 \
    XDG_STATE_HOME=/witness
USER 10001:10001
WORKDIR /data
VOLUME /data /witness
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5m --timeout=30s --start-period=2m --retries=2 CMD ["kartoteka", "status"]
ENTRYPOINT ["kartoteka"]
CMD ["run"]

# One image, several entry points: `serve`, `follow`, `migrate`, `keys`, `projections` …
FROM python:3.13.15-slim-trixie@sha256:7c61056e61ac89e852de05f3dc6fa51a6dd2181797bceed46aa725dd7cb2cd3b AS build
WORKDIR /build
RUN python -m venv /opt/ledger
COPY docker/runtime_lock.py requirements.lock ./
# Every file is checked against a hash of the lock, the build tool's included.
RUN python runtime_lock.py requirements.lock > runtime.lock \
 && /opt/ledger/bin/pip install --no-cache-dir --disable-pip-version-check \
    --require-hashes --no-deps -r runtime.lock
COPY pyproject.toml README.md ./
COPY ledger ledger
COPY projections projections
COPY api api
COPY emitter emitter
# The build backend comes from the locked set too (`uv build` has uv_build inside).
RUN python -m venv /opt/build \
 && grep -A1000 '^uv==' requirements.lock | awk 'NR>1 && !/^ /{exit} {print}' > uv.lock \
 && /opt/build/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r uv.lock \
 && /opt/build/bin/uv build --wheel --out-dir dist . \
 && /opt/build/bin/uv build --wheel --out-dir dist emitter \
 && /opt/ledger/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps --no-index dist/*.whl

FROM python:3.13.15-slim-trixie@sha256:7c61056e61ac89e852de05f3dc6fa51a6dd2181797bceed46aa725dd7cb2cd3b
COPY --from=build /opt/ledger /opt/ledger
# Nobody in particular: docker-compose.yml runs it as whoever owns the secret files.
RUN useradd --system --uid 10001 --no-create-home --home-dir /nonexistent ledger
USER 10001
ENV PATH=/opt/ledger/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    LEDGER_HTTP_HOST=0.0.0.0
EXPOSE 8000
STOPSIGNAL SIGTERM
ENTRYPOINT ["ledger"]
CMD ["serve"]

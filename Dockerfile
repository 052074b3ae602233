FROM python:3.11-slim-bookworm AS packages
WORKDIR /shop
RUN python -m venv /shop/.venv
COPY requirements.txt .
RUN /shop/.venv/bin/pip install --no-cache-dir --require-hashes --no-deps -r requirements.txt

FROM node:22-bookworm-slim AS front-end
WORKDIR /shop
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --omit=dev

FROM packages AS assets
COPY --from=front-end /shop/node_modules node_modules
COPY . .
ENV DATABASE_URL=postgresql://127.0.0.1/none REDIS_URL=redis://127.0.0.1/0 MONGODB_URI=mongodb://127.0.0.1/none
RUN .venv/bin/pybabel compile -d translations \
    && .venv/bin/flask --app wsgi assets build \
    && rm -rf node_modules var

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /shop shop \
    && install -d -o shop /data /data/uploads
WORKDIR /shop
COPY --from=assets /shop /shop
ENV PATH=/shop/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    FLASK_APP=wsgi \
    SHOP_ENV=production \
    SHOP_DATA=/data \
    UPLOAD_DIR=/data/uploads \
    PORT=8000
USER 10001
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "import os; from urllib.request import Request, urlopen; urlopen(Request('http://127.0.0.1:8000/healthz', headers={'Host': os.environ['TRUSTED_HOSTS'].split(',')[0]}))"]
CMD ["gunicorn", "-c", "gunicorn.conf.py", "wsgi:app"]

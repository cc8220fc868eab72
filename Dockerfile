# One image per service: docker build --build-arg SERVICE=auth_svc .
FROM python:3.13-slim AS build
ENV PATH=/venv/bin:$PATH PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv --without-pip /venv
COPY requirements.txt .
# The lock is whole, and pip, left to look for dependencies, would want the newest release of some.
RUN pip --python /venv install --no-deps --require-hashes -r requirements.txt
COPY chassis chassis
RUN pip --python /venv install --no-deps --no-build-isolation ./chassis && \
    pip --python /venv uninstall --yes setuptools
ARG SERVICE
COPY $SERVICE /app
WORKDIR /app
# The settings want their secrets even where nothing uses them.
RUN export NONE=none-of-this-outlives-the-build-of-the-image && \
    SECRET_KEY=$NONE SERVICE_KEY=$NONE JWT_SIGNING_KEY=$NONE DATABASE_URL=postgres://none/none \
    AUTH_SERVICE_URL=$NONE TASK_SERVICE_URL=$NONE USER_SERVICE_URL=$NONE \
    python manage.py collectstatic --no-input

FROM python:3.13-slim
# Nothing is installed from here on; what could install goes with the user that could.
RUN rm -rf /usr/local/lib/python3.*/site-packages/pip* /usr/local/bin/pip* && useradd --uid 10001 --no-create-home app && \
    install -d -o app /srv/static
COPY --from=build /venv /venv
COPY --from=build /app /app
WORKDIR /app
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1
USER app
CMD ["gunicorn", "-c", "python:chassis.gunicorn", "config.wsgi"]

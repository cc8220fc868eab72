"""Settings of task_svc, read from top to bottom; what varies comes from the environment."""

from pathlib import Path

from chassis.environment import Env

from chassis import VERSION, logging

env = Env()
BASE_DIR = Path(__file__).resolve().parent.parent

# Identity
SERVICE_NAME = "task-svc"
PREFIX = "tasks"

# Secrets and trust
SECRET_KEY = env.key("SECRET_KEY", min_bytes=32)
SERVICE_KEY = env.key("SERVICE_KEY", min_bytes=32)
AUTH_STALE_SECONDS = env.count("AUTH_STALE_SECONDS", default=60, least=0)
BACKUPS_KEPT_DAYS = env.count("BACKUPS_KEPT_DAYS", default=365)
ALLOWED_HOSTS = env.allowed_hosts(SERVICE_NAME)

# Limits of size, per account
MAX_TASKS = env.count("MAX_TASKS", default=100_000)
MAX_IDEMPOTENCY_KEYS = env.count("MAX_IDEMPOTENCY_KEYS", default=10_000)

# Other services
AUTH_SERVICE_URL = env.str("AUTH_SERVICE_URL")
USER_SERVICE_URL = env.str("USER_SERVICE_URL")

# Application
INSTALLED_APPS = [
    "chassis.admin.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "chassis.staticfiles.StaticFilesConfig",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "chassis",
    "tasks",
]
MIDDLEWARE = [
    "chassis.tracing.TraceMiddleware",
    "chassis.middleware.RequestLogMiddleware",
    "chassis.middleware.BodyLimitMiddleware",
    "chassis.middleware.TrailingSlashMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "chassis.middleware.ContentSecurityPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
PAGES = tuple(f"/{PREFIX}/{page}" for page in ("admin", "docs", "schema"))
# `./manage_all.sh dev` sets it. Not Django's DEBUG, which would change what the API says, too.
DEBUG_PAGES = env.debug_pages()
ROOT_URLCONF = "config.urls"
APPEND_SLASH = False
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

# Database
# On today's disks a random page costs little more than the next one: an index in another order than the table's is no
# reason to read a longer one.
DATABASES = {"default": env.database(random_page_cost="1.1")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# API
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["chassis.authentication.RemoteTokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PARSER_CLASSES": ["chassis.parsers.JSONParser", "chassis.parsers.MergePatchParser"],
    "DEFAULT_RENDERER_CLASSES": ["chassis.renderers.EnvelopeJSONRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "chassis.negotiation.JSONNegotiation",
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_SCHEMA_CLASS": "chassis.schema.AutoSchema",
    "EXCEPTION_HANDLER": "chassis.failures.exception_handler",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Task service",
    "DESCRIPTION": "Tasks: the account API, and the resource API under /tasks/tasks.",
    "VERSION": VERSION,
    "OAS_VERSION": "3.1.1",
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": ["drf_spectacular.hooks.postprocess_schema_enums", "chassis.links.add_links"],
    "TAGS": [
        {"name": "tasks", "description": "The account API: one's own tasks."},
        {"name": "tasks by id", "description": "The resource API: tasks of users, camelCase, without an envelope."},
    ],
    "SERVE_AUTHENTICATION": [],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}

# Pages: admin, documentation, static files
STATIC_URL = f"/{PREFIX}/static/"
STATIC_ROOT = env.str("STATIC_ROOT", default=str(BASE_DIR / "static"))
STORAGES = {
    "staticfiles": {"BACKEND": "chassis.staticfiles.StaticFilesStorage"},
}
AUTHENTICATION_BACKENDS = ["chassis.admin.staff.StaffBackend"]
# A browser keeps the cookies of three admins on one host apart by name and path.
COOKIE_PREFIX = f"__Secure-{PREFIX}" if env.tls() else PREFIX
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}_session"
SESSION_COOKIE_PATH = f"/{PREFIX}/admin/"
SESSION_COOKIE_SECURE = env.tls()
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}_csrf"
CSRF_COOKIE_PATH = f"/{PREFIX}/admin/"
CSRF_COOKIE_SECURE = env.tls()
CSRF_FAILURE_VIEW = "chassis.failures.csrf_failure"
# The gateway overwrites this header, and only the gateway reaches the services.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# Subdomains and preloading (W005, W021) are the domain owner's to decide; the gateway redirects to https (W008).
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W008", "security.W021"]
SECURE_HSTS_SECONDS = 31_536_000 if env.tls() else 0

# Language, time, logs
LANGUAGE_CODE = "en"
USE_I18N = False
TIME_ZONE = "UTC"
DATETIME_FORMAT = "Y-m-d H:i"
LOGGING = logging.configuration(SERVICE_NAME, env.log_level(), env.log_format())

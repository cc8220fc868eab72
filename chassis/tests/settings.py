"""The least that the chassis needs of a Django project."""

from chassis.environment import Env

from chassis import VERSION, logging

env = Env()

SERVICE_NAME = "chassis"
SECRET_KEY = env.key("SECRET_KEY", min_bytes=32)
SERVICE_KEY = env.key("SERVICE_KEY", min_bytes=32)
AUTH_SERVICE_URL = "http://auth-svc.test"
AUTH_STALE_SECONDS = 60
BACKUPS_KEPT_DAYS = 365
ALLOWED_HOSTS = env.allowed_hosts("testserver")
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
    "tests",
]
MIDDLEWARE = [
    "chassis.tracing.TraceMiddleware",
    "chassis.middleware.RequestLogMiddleware",
    "chassis.middleware.BodyLimitMiddleware",
    "chassis.middleware.TrailingSlashMiddleware",
    "chassis.middleware.ContentSecurityPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
PAGES = ("/admin", "/docs")
DEBUG_PAGES = env.debug_pages()
ROOT_URLCONF = "tests.urls"
APPEND_SLASH = False
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
CSRF_FAILURE_VIEW = "chassis.failures.csrf_failure"
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
DATABASES = {"default": env.database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
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
    "TITLE": "Notes service",
    "VERSION": VERSION,
    "OAS_VERSION": "3.1.1",
    "COMPONENT_SPLIT_REQUEST": True,
    "SERVE_AUTHENTICATION": [],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}
AUTHENTICATION_BACKENDS = ["chassis.admin.staff.StaffBackend"]
STATIC_URL = "/static/"
LOGGING = logging.configuration(SERVICE_NAME, env.log_level(), env.log_format())

"""The TLS context of a session: made once, and only where something speaks TLS."""

from __future__ import annotations

import ssl

from tui_migrate.engine.settings import ClientCertificate, EngineSettings
from tui_migrate.errors import ConfigError


def tls_context(settings: EngineSettings) -> ssl.SSLContext | None:
    """Return the context for the engine, or None where it is not spoken to by TLS.

    Loading the system's certificates takes 10 to 40 ms, which an `http://` address must not pay.

    Raises:
        ConfigError: A certificate file can't be used.
    """
    if not settings.url.startswith("https://"):
        return None
    context = _trusting(settings.ca_file)
    if settings.client_certificate is not None:
        _show(context, settings.client_certificate)
    return context


def proxy_tls_context() -> ssl.SSLContext:
    """Return the context for a proxy that is itself spoken to by TLS: the engine's own certificates are not for it."""
    return _trusting(None)


def _trusting(ca_file: str | None) -> ssl.SSLContext:
    if ca_file is None:
        context = ssl.create_default_context()
        paths = ssl.get_default_verify_paths()
        if paths.cafile is None and paths.capath is None and not context.get_ca_certs():
            # A Python without the system's store (python.org on macOS): httpcore brings certifi along.
            import certifi

            context.load_verify_locations(certifi.where())
        return context
    try:
        return ssl.create_default_context(cafile=ca_file)
    except FileNotFoundError:
        raise ConfigError(f"The CA file {ca_file} does not exist. Check ca_file.") from None
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(f"The CA file {ca_file} can't be used ({error}). It has to be PEM.") from error


def _show(context: ssl.SSLContext, certificate: ClientCertificate) -> None:
    def password() -> str:
        # Without this, OpenSSL itself would ask on the terminal.
        return certificate.password.reveal() if certificate.password else ""

    try:
        context.load_cert_chain(certificate.certificate_file, certificate.key_file, password)
    except FileNotFoundError:
        files = " or ".join(filter(None, (certificate.certificate_file, certificate.key_file)))
        raise ConfigError(f"The client certificate {files} does not exist. Check client_certificate.") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        raise ConfigError(
            f"The client certificate {certificate.certificate_file} can't be used ({reason}). It has to be PEM, with "
            "its key, and with the right password where the key has one."
        ) from error

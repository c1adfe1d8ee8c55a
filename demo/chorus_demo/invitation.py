"""Lines to paste into a shell while the demo stays up."""

from chorus_demo.scene import EMAIL


def suggestions(gateway: str, sandbox: str, password: str) -> list[str]:
    """The first line signs in; the others use its token, or need none."""
    credentials = f'{{"email": "{EMAIL}", "password": "{password}"}}'
    json_type = "-H 'Content-Type: application/json'"
    extract = "python3 -c 'import json, sys; print(json.load(sys.stdin)[\"access_token\"])'"
    signed_in = '-H "Authorization: Bearer $TOKEN"'
    pause = '{"scope": "tenant", "reason": "Let me look first."}'
    return [
        f"TOKEN=$(curl -s {gateway}/api/auth/sign-in {json_type} -d '{credentials}' | {extract})",
        f"curl -s {signed_in} '{gateway}/api/activities?kind=comment&limit=3'",
        f"curl -s {signed_in} {gateway}/api/queue/stats",
        f"curl -s {signed_in} {json_type} {gateway}/api/pauses -d '{pause}'",
        f"curl -s {sandbox}/control/truth/summary",
    ]

"""Pictures of failures: what they show, and what they must not."""

import asyncio
import base64

import pytest

from chorus.errors import ProviderError
from chorus_browser_repost.evidence import Evidence, take
from chorus_browser_repost.evidence.screenshot import MAX_BYTES
from tests.integration.browser_repost.pages.harness import FRONT_ENDS, FrontEnd, Harness

pytestmark = pytest.mark.asyncio(loop_scope="module")
NOISE = """
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [1280, 900];
  const context = canvas.getContext("2d");
  const image = context.createImageData(1280, 900);
  for (let at = 0; at < image.data.length; at++) image.data[at] = Math.random() * 256;
  context.putImageData(image, 0, 0);
  canvas.style.cssText = "position:fixed;inset:0;z-index:99999";
  document.body.append(canvas);
"""
STRIPES = """() => {
  document.body.innerHTML = "";
  document.documentElement.style.cssText = "height: 3000px; margin: 0;"
    + "background: repeating-linear-gradient(45deg, #f00 0 9px, #00f 9px 17px)";
  window.scrollTo(0, 1000);
}"""
PALE = """async (image) => {
  const bytes = Uint8Array.from(atob(image), (each) => each.charCodeAt(0));
  const bitmap = await createImageBitmap(new Blob([bytes], {type: "image/jpeg"}));
  const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
  context.drawImage(bitmap, 0, 0);
  const {data} = context.getImageData(0, 0, bitmap.width, bitmap.height);
  const green = data.filter((_, at) => at % 4 === 1);
  return [bitmap.width, bitmap.height, green.filter((each) => each > 150).length];
}"""
"""Width, height, and how many pixels are neither red nor blue nor in between."""
SHOW_SECRETS = """() => {
  const list = [...document.cookie.split("; "), "noa@example.com", "+49 170 1234567"];
  document.querySelector("main").prepend(...list.map((text) => {
    const line = document.createElement("p");
    line.textContent = `Here: ${text}`;
    return line;
  }));
  const field = document.createElement("input");
  field.value = "a secret in a field";
  const host = document.createElement("div");
  host.attachShadow({mode: "open"}).innerHTML = "<p>in a shadow: noa@example.com</p>";
  document.querySelector("main").prepend(field, host);
}"""
SHOWN = """() => {
  const visible = (element) => getComputedStyle(element).visibility !== "hidden";
  const fields = [...document.querySelectorAll("input, textarea")].filter(visible);
  const shadows = [...document.querySelectorAll("*")].map((each) => each.shadowRoot?.textContent);
  return [document.body.innerText, ...fields.map((each) => each.value), ...shadows].join(" ");
}"""


async def failure(harness: Harness, state: str = "layout_changed") -> Evidence:
    evidence = await take(harness.page, state=state)
    assert evidence is not None
    return evidence


@pytest.mark.parametrize("front_end", FRONT_ENDS)
async def test_a_changed_layout_is_pictured(harness: Harness, front_end: FrontEnd) -> None:
    """E6: a layout change gives evidence, and no click."""
    harness.post.front_end = front_end
    harness.be_impatient()
    harness.fault("layout_changed", "post_page")
    with pytest.raises(ProviderError):
        await harness.repost()
    evidence = await failure(harness)
    assert evidence.image.startswith(b"\xff\xd8\xff")
    assert evidence.content_type == "image/jpeg"
    assert 5_000 < len(evidence.image) <= MAX_BYTES
    assert evidence.path.startswith("/posts/")
    assert (evidence.state, harness.writes) == ("layout_changed", 0)


async def test_a_challenge_is_pictured_without_its_query(harness: Harness) -> None:
    """INVARIANT: a checkpoint's query holds a csrf token: no query is kept (P6)."""
    harness.fault("checkpoint", "post_page")
    with pytest.raises(ProviderError):
        await harness.repost()
    assert "?" in harness.page.url
    evidence = await failure(harness, "challenge")
    assert evidence.path.startswith("/checkpoint/challenge")
    assert "?" not in evidence.path
    assert "ajax" not in f"{evidence!r}"


@pytest.mark.parametrize("front_end", FRONT_ENDS)
async def test_session_and_member_are_not_in_the_picture(
    harness: Harness, front_end: FrontEnd
) -> None:
    """INVARIANT: no cookie, field, address or name of the member is pictured (P6)."""
    harness.post.front_end = front_end
    await harness.open()
    await harness.page.evaluate(SHOW_SECRETS)
    await harness.page.evaluate("document.title = 'Noa Lev (noa@example.com) | LinkedIn'")
    evidence = await failure(harness)
    shown = await harness.page.evaluate(SHOWN)
    cookies = await harness.page.context.cookies()
    secrets = [each["value"].strip('"') for each in cookies if each["name"] != "lang"]
    hidden = [*secrets, "noa@example.com", "1234567", "a secret in a field", "Noa Lev"]
    assert [secret for secret in hidden if secret in f"{shown} {evidence.title}"] == []
    assert "How we ship." in shown, "the rest is to be seen"


async def test_a_picture_has_a_size(harness: Harness) -> None:
    """P6: however colourful the page is."""
    await harness.open()
    await harness.page.evaluate(NOISE)
    evidence = await take(harness.page, state="layout_changed")
    assert evidence is None or len(evidence.image) <= MAX_BYTES


async def test_a_picture_has_no_holes(harness: Harness) -> None:
    """P6: all of it is drawn, although the browser draws little of a page."""
    await harness.open()
    await harness.page.evaluate(STRIPES)
    evidence = await failure(harness)
    image = base64.b64encode(evidence.image).decode()
    assert await harness.page.evaluate(PALE, image) == [1280, 720, 0]


async def test_no_picture_is_no_failure(harness: Harness) -> None:
    """A lost page, or one whose script is stuck, is not pictured, and nothing is raised."""
    await harness.open()
    await harness.page.evaluate(
        "setTimeout(() => { const end = Date.now() + 1500; while (Date.now() < end); }, 0)"
    )
    started = asyncio.get_running_loop().time()
    assert await take(harness.page, state="ready", seconds=0.3) is None
    assert asyncio.get_running_loop().time() - started < 1.2
    await harness.page.close()
    assert await take(harness.page, state="ready") is None

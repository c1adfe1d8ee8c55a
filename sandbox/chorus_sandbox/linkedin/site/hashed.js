/* The newer front end: class names without meaning that differ at each load, server-driven parts. */
'use strict';
(() => {
  const { words } = site;
  const hashed = () => `_${Math.random().toString(16).slice(2, 10)}`;

  const make = (tag, attributes, ...children) => {
    const node = document.createElement(tag);
    node.className = hashed();
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    node.append(...children);
    return node;
  };

  const glyph = () => {
    const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    svg.setAttribute('aria-hidden', 'true');
    svg.setAttribute('width', '16');
    svg.setAttribute('height', '16');
    return svg;
  };

  const button = (label, more = {}) => make('button', { type: 'button', ...more }, glyph(), make('span', {}, label));

  const showToast = (toast, failed) => {
    const close = make('button', { type: 'button', 'aria-label': words.dismiss }, glyph());
    const item = make('div', { role: 'alert', 'data-testid': failed ? 'toast-error' : 'toast-success' },
      make('p', {}, toast.text), close);
    item.style.cssText = 'position:fixed;bottom:24px;left:24px;background:#fff;padding:16px;z-index:9';
    if (toast.link) item.firstChild.append(' ', make('a', { href: toast.link.href }, toast.link.text));
    close.addEventListener('click', () => item.remove());
    document.querySelector('[data-testid="toasts"]').append(item);
    setTimeout(() => item.remove(), 8000);
  };

  const said = (outcome) => {
    if (outcome.toast) showToast(outcome.toast, outcome.failed);
    return !outcome.failed && !outcome.silent;
  };

  const wireComposer = (dialog, element) => {
    const editor = dialog.querySelector('[contenteditable]');
    const submit = dialog.querySelector('[data-action="submit"]');
    editor.addEventListener('input', () => {
      submit.disabled = editor.innerText.trim() === '';
    });
    dialog.querySelector('[data-action="close"]').addEventListener('click', () => dialog.remove());
    submit.addEventListener('click', async () => {
      submit.disabled = true;
      const outcome = await site.share(element.urn, editor.innerText.trim());
      said(outcome);
      if (outcome.failed) submit.disabled = false;
      else dialog.remove();
    });
    editor.focus();
  };

  /* The composer is the server's: it comes after the click. */
  const composer = async (element) => {
    const query = `urn=${encodeURIComponent(element.urn)}`;
    const response = await site.call('GET', `/flagship-web/rsc-action/composer?${query}`);
    const outlet = document.querySelector('[data-testid="dialogs"]');
    outlet.innerHTML = await response.text();
    outlet.firstElementChild.style.cssText = 'position:fixed;top:64px;left:25%;width:50%;background:#fff;padding:24px;z-index:8';
    wireComposer(outlet.firstElementChild, element);
  };

  const menuItem = (title, hint) => make('div', { role: 'menuitem', tabindex: '0', 'aria-label': title },
    glyph(), make('p', {}, title), make('p', {}, hint));

  const fillMenu = (menu, element, hide) => {
    const thoughts = menuItem(words.with_thoughts, element.thoughtsHint);
    thoughts.addEventListener('click', () => { hide(); composer(element); });
    const undo = element.state === 'reposted';
    const instant = undo ? menuItem(words.undo, '') : menuItem(words.repost, element.repostHint);
    instant.addEventListener('click', async () => {
      hide();
      const outcome = undo ? await site.unshare(element.urn) : await site.share(element.urn, '');
      if (said(outcome)) paint({ ...element, state: undo ? 'open' : 'reposted' });
    });
    menu.replaceChildren(thoughts, instant);
  };

  const reshare = (element) => {
    const done = element.state === 'reposted';
    const name = done ? words.reposted : words.repost;
    const trigger = button(name, { 'aria-label': name, 'aria-haspopup': 'menu', 'aria-expanded': 'false', 'aria-pressed': String(done) });
    if (element.state === 'closed') {
      trigger.disabled = true;
      return trigger;
    }
    const holder = make('div', {}, trigger);
    const hide = () => {
      trigger.setAttribute('aria-expanded', 'false');
      holder.querySelector('[role="menu"]')?.remove();
    };
    trigger.addEventListener('click', () => {
      if (trigger.getAttribute('aria-expanded') === 'true') { hide(); return; }
      trigger.setAttribute('aria-expanded', 'true');
      const menu = make('div', { role: 'menu' });
      menu.style.cssText = 'position:absolute;background:#fff;padding:8px;z-index:7';
      setTimeout(() => {
        if (trigger.getAttribute('aria-expanded') !== 'true') return;
        fillMenu(menu, element, hide);
        holder.append(menu);
      }, 15);
    });
    return holder;
  };

  const amplify = () => make('div', {},
    make('a', { href: '#' }, words.amplify), make('span', {}, words.amplify_now), make('span', {}, words.amplify_note));

  function paint(element) {
    element.bar.replaceChildren(
      button(words.like, { 'aria-label': 'Reaction button state: no reaction' }),
      button(words.comment, { 'aria-label': words.comment }),
      element.state === 'changed' ? amplify() : reshare(element),
      button(words.send, { 'aria-label': words.send }),
    );
  }

  site.listen();
  site.track();
  site.actions().then((elements) => elements.forEach(paint));
})();

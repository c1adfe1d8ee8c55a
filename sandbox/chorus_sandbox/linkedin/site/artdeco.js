/* The older front end: Ember-like ids and artdeco classes. */
'use strict';
(() => {
  const { words } = site;
  let serial = 4000;
  const emberId = () => { serial += 1 + Math.floor(Math.random() * 9); return `ember${serial}`; };

  const make = (tag, attributes, ...children) => {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    node.append(...children);
    return node;
  };

  const icon = (type) => make('li-icon', { type, 'aria-hidden': 'true', size: 'small' });

  const button = (classes, label, iconType, more = {}) => make(
    'button',
    { type: 'button', id: emberId(), class: `artdeco-button artdeco-button--muted ${classes}`, ...more },
    icon(iconType),
    make('span', { class: 'artdeco-button__text' }, label),
  );

  const showToast = (toast, failed) => {
    const message = make('p', { class: 'artdeco-toast-item__message', role: 'alert' },
      make('span', {}, toast.text));
    if (toast.link) {
      message.append(' ', make('a', { class: 'artdeco-toast-item__cta', href: toast.link.href }, toast.link.text));
    }
    const close = make('button', {
      type: 'button', class: 'artdeco-toast-item__dismiss artdeco-button--circle', 'aria-label': words.dismiss,
    });
    const item = make('li', {
      class: `artdeco-toast-item artdeco-toast-item--visible ${failed ? 'artdeco-toast-item--error' : 'artdeco-toast-item--success'}`,
      'data-test-artdeco-toast-item-type': failed ? 'error' : 'success',
    }, make('div', { class: 'artdeco-toast-item__content' }, icon(failed ? 'error-pebble' : 'success-pebble'), message), close);
    close.addEventListener('click', () => item.remove());
    document.querySelector('.artdeco-toasts_toasts').append(item);
    setTimeout(() => item.remove(), 8000);
  };

  const said = (outcome) => {
    if (outcome.toast) showToast(outcome.toast, outcome.failed);
    return !outcome.failed && !outcome.silent;
  };

  const dropdownItem = (classes, iconType, title, hint) => {
    const titleId = emberId();
    const hintId = emberId();
    return make('div', {
      class: `artdeco-dropdown__item artdeco-dropdown__item--is-dropdown ${classes}`,
      id: emberId(), role: 'button', tabindex: '0', 'aria-labelledby': titleId, 'aria-describedby': hintId,
    }, icon(iconType), make('div', { class: 'social-reshare-button__item-text' },
      make('span', { class: 't-bold', id: titleId }, title),
      make('span', { class: 't-12 t-black--light', id: hintId }, hint)));
  };

  const composer = (element, repaint) => {
    const headingId = emberId();
    const editor = make('div', {
      class: 'ql-editor ql-blank', contenteditable: 'true', role: 'textbox', 'aria-multiline': 'true',
      'aria-label': words.editor, 'data-gramm': 'false',
    }, make('p', {}, make('br', {})));
    const submit = button('share-actions__primary-action artdeco-button--primary', words.post, 'send', { disabled: '' });
    const close = button('artdeco-modal__dismiss artdeco-button--circle', '', 'close', { 'aria-label': words.dismiss });
    const dialog = make('div', { class: 'artdeco-modal-overlay' },
      make('div', {
        class: 'artdeco-modal share-box-modal share-creation-state', role: 'dialog', 'aria-labelledby': headingId,
      }, make('h2', { id: headingId, class: 'visually-hidden' }, words.composer), close,
      make('div', { class: 'share-creation-state__text-editor' }, make('div', { class: 'ql-container' }, editor)),
      make('div', { class: 'share-box-footer share-actions' }, submit)));
    editor.addEventListener('input', () => {
      const empty = editor.innerText.trim() === '';
      editor.classList.toggle('ql-blank', empty);
      submit.toggleAttribute('disabled', empty);
    });
    close.addEventListener('click', () => dialog.remove());
    submit.addEventListener('click', async () => {
      submit.setAttribute('disabled', '');
      const outcome = await site.share(element.urn, editor.innerText.trim());
      said(outcome);
      if (outcome.failed) submit.removeAttribute('disabled');
      else dialog.remove();
    });
    document.getElementById('artdeco-modal-outlet').append(dialog);
    editor.focus();
  };

  const openItems = (element, repaint, hide) => {
    const thoughts = dropdownItem('social-reshare-button__share-with-thoughts-dropdown-item', 'compose',
      words.with_thoughts, element.thoughtsHint);
    thoughts.addEventListener('click', () => { hide(); composer(element, repaint); });
    const instant = element.state === 'reposted'
      ? dropdownItem('social-reshare-button__undo-repost-dropdown-item', 'trash', words.undo, '')
      : dropdownItem('social-reshare-button__sharing-as-is-dropdown-item', 'repost', words.repost, element.repostHint);
    instant.addEventListener('click', async () => {
      hide();
      const undo = element.state === 'reposted';
      const outcome = undo ? await site.unshare(element.urn) : await site.share(element.urn, '');
      if (said(outcome)) repaint({ ...element, state: undo ? 'open' : 'reposted' });
    });
    return [thoughts, instant];
  };

  const reshare = (element, repaint) => {
    const done = element.state === 'reposted';
    const trigger = button('artdeco-dropdown__trigger social-reshare-button', done ? words.reposted : words.repost, 'repost', {
      'aria-expanded': 'false', 'aria-pressed': String(done), 'data-finite-scroll-hotkey': 'r',
    });
    const content = make('div', {
      class: 'artdeco-dropdown__content social-reshare-button__share-dropdown-content', 'aria-hidden': 'true', tabindex: '-1',
    });
    const hide = () => {
      content.classList.remove('artdeco-dropdown__content--is-open');
      content.setAttribute('aria-hidden', 'true');
      trigger.setAttribute('aria-expanded', 'false');
      content.replaceChildren();
    };
    trigger.addEventListener('click', () => {
      if (trigger.getAttribute('aria-expanded') === 'true') { hide(); return; }
      trigger.setAttribute('aria-expanded', 'true');
      content.replaceChildren(make('ul', { class: 'artdeco-dropdown__content-inner' },
        ...openItems(element, repaint, hide).map((item) => make('li', {}, item))));
      content.classList.add('artdeco-dropdown__content--is-open');
      content.setAttribute('aria-hidden', 'false');
    });
    return make('div', { class: 'artdeco-dropdown social-reshare-button__dropdown', id: emberId() }, trigger, content);
  };

  /* A control of another name and structure, as after a rebuild of the site. */
  const amplify = () => make('div', { class: 'feed-amplify' },
    make('a', { href: '#', class: 'feed-amplify__opener', role: 'link' }, words.amplify),
    make('span', { class: 'feed-amplify__choice' }, words.amplify_now),
    make('span', { class: 'feed-amplify__choice' }, words.amplify_note));

  const paint = (element) => {
    const repaint = (changed) => paint(changed);
    const parts = [
      button('react-button__trigger', words.like, 'thumbs-up-outline', { 'aria-pressed': 'false', 'aria-label': 'React Like' }),
      button('comment-button', words.comment, 'comment'),
    ];
    if (element.state === 'changed') parts.push(amplify());
    else if (element.state !== 'closed') parts.push(reshare(element, repaint));
    parts.push(button('send-privately-button', words.send, 'send-privately'));
    element.bar.replaceChildren(...parts.map((part) => make('div', { class: 'feed-shared-social-action-bar__action-button' }, part)));
  };

  site.listen();
  site.track();
  site.actions().then((elements) => elements.forEach(paint));
})();

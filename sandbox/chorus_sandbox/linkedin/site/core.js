/* What both front ends of the site share: the page's data, calls with the csrf token, tracking. */
'use strict';
const site = (() => {
  const data = JSON.parse(document.getElementById('bpr-guid-1').textContent);

  const cookie = (name) => {
    const found = document.cookie.split('; ').find((pair) => pair.startsWith(`${name}=`));
    return found === undefined ? '' : found.slice(name.length + 1).replace(/"/g, '');
  };

  const headers = () => ({
    'csrf-token': cookie('JSESSIONID'),
    'x-li-page-instance': `urn:li:page:d_flagship3_detail_base;${data.page}`,
    'x-restli-protocol-version': '2.0.0',
  });

  const call = async (method, path, body) => {
    const options = { method, headers: headers(), credentials: 'same-origin' };
    if (body !== undefined) {
      options.headers['content-type'] = 'application/json; charset=UTF-8';
      options.body = JSON.stringify(body);
    }
    const response = await fetch(path, options);
    if (response.status === 401) {
      const answer = await response.json();
      window.location.assign(answer.location);
      return new Promise(() => {});
    }
    if (!response.ok) throw new Error(`answered ${response.status}`);
    return response;
  };

  const wait = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

  /* The state of every action bar on the page, by urn. */
  const actions = async () => {
    await wait(data.delay);
    const bars = [...document.querySelectorAll('[data-actions-for]')];
    const urns = bars.map((bar) => bar.dataset.actionsFor).join(',');
    if (urns === '') return [];
    const response = await call('GET', `/voyager/api/feed/updateActions?urns=${encodeURIComponent(urns)}`);
    const { elements } = await response.json();
    return bars.map((bar) => ({ bar, ...elements[bar.dataset.actionsFor] }));
  };

  /* Resolves to {toast: {text, link?}, failed?, silent?}: what the site says about it. */
  const share = async (urn, text) => {
    try {
      const response = await call('POST', '/voyager/api/contentcreation/normShares', {
        parentUrn: urn,
        commentary: { text, attributes: [] },
        origin: text === '' ? 'INSTANT_REPOST' : 'RESHARE',
        visibility: 'ANYONE',
      });
      const answer = await response.json();
      if (answer.errors) return { failed: true, toast: { text: answer.errors[0].message } };
      return answer.data.createShare;
    } catch (error) {
      return { failed: true, toast: { text: data.words.failed } };
    }
  };

  const unshare = async (urn) => {
    const response = await call('POST', '/voyager/api/contentcreation/undoRepost', { parentUrn: urn });
    return response.json();
  };

  /* A connection that stays open, as the site's own for news of the moment. */
  const listen = async () => {
    try {
      await fetch('/realtime/connect?rc=1', { credentials: 'same-origin' });
    } catch (error) {
      await wait(60000);
    }
  };

  const track = () => {
    navigator.sendBeacon('/li/track', JSON.stringify({ page: data.page, at: performance.now() }));
  };

  return { data, words: data.words, call, actions, share, unshare, listen, track };
})();

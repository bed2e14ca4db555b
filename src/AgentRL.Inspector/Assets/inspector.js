'use strict';
// Everything here is a convenience: without it every page, link and form still works. Texts are only ever moved as nodes that the server has encoded.
(() => {
  const root = document.documentElement;
  const byId = id => document.getElementById(id);
  const store = {
    get: key => { try { return localStorage.getItem(key); } catch { return null; } },
    set: (key, value) => { try { value === null ? localStorage.removeItem(key) : localStorage.setItem(key, value); } catch { /* storage is off */ } },
  };

  // Theme: the system's, light, dark.
  const themeButton = byId('theme-button');
  const showTheme = () => { themeButton.querySelector('b').textContent = root.dataset.theme ?? 'system'; };
  const nextTheme = () => {
    const next = { light: 'dark', dark: undefined }[root.dataset.theme ?? ''] ?? (root.dataset.theme ? undefined : 'light');
    if (next) root.dataset.theme = next; else delete root.dataset.theme;
    store.set('agentrl-theme', next ?? null);
    showTheme();
  };
  themeButton.hidden = false;
  themeButton.addEventListener('click', nextTheme);
  showTheme();

  // Help, and the switch for single keys.
  const help = byId('help');
  const keysOn = byId('keys-on');
  keysOn.checked = store.get('agentrl-keys') !== 'off';
  keysOn.addEventListener('change', () => store.set('agentrl-keys', keysOn.checked ? null : 'off'));
  byId('help-button').hidden = false;
  byId('help-button').addEventListener('click', () => help.showModal());

  // Steps: turns, rows, charts; which one is focused stands in the address.
  const steps = () => [...document.querySelectorAll('[data-step], .chart')].filter(e => e.offsetParent !== null);
  const step = by => {
    const all = steps();
    if (all.length === 0) return;
    const here = document.activeElement?.closest('[data-step], .chart') ?? (location.hash.length > 1 ? byId(decodeURIComponent(location.hash.slice(1))) : null);
    let at = all.indexOf(here);
    at = at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, at + by));
    const next = all[at];
    next.focus({ preventScroll: true });
    next.scrollIntoView({ block: 'nearest' });
    if (next.id) history.replaceState(null, '', '#' + encodeURIComponent(next.id));
  };
  const follow = selector => { const link = document.querySelector(selector); if (link) link.click(); return link !== null; };
  const sibling = by => {
    const all = [...document.querySelectorAll('.siblings .sibling')];
    const at = all.findIndex(a => a.hasAttribute('aria-current'));
    if (at >= 0) all[at + by]?.click();
    else follow(by > 0 ? '.pages [rel=next]' : '.pages [rel=prev]');
  };
  const search = () => {
    const field = document.querySelector('input[name=text]');
    if (!field) { if (document.querySelector('.site nav')) location.href = '/episodes#search'; return; }
    const filters = field.closest('details');
    if (filters) filters.open = true;
    field.focus();
    field.select();
  };
  if (location.hash === '#search') search();
  document.addEventListener('keydown', e => {
    if (e.ctrlKey || e.metaKey || e.altKey || e.defaultPrevented || !keysOn.checked || help.open) return;
    if (e.target.closest('input, select, textarea')) { if (e.key === 'Escape') e.target.blur(); return; }
    const horizontal = e.target.closest('.scroll') !== null;
    switch (e.key) {
      case 'j': step(1); break;
      case 'k': step(-1); break;
      case 'ArrowRight': if (horizontal) return; step(1); break;
      case 'ArrowLeft': if (horizontal) return; step(-1); break;
      case ']': sibling(1); break;
      case '[': sibling(-1); break;
      case '/': search(); break;
      case 't': nextTheme(); break;
      case '?': help.showModal(); break;
      case 'Enter': {
        const row = e.target.matches('tr[data-step], article[data-step]') ? e.target.querySelector('a') : null;
        if (!row) return;
        row.click();
        break;
      }
      default: return;
    }
    e.preventDefault();
  });
  document.addEventListener('click', e => {
    const bar = e.target.closest?.('[data-to]');
    if (bar) location.hash = bar.dataset.to;
  });
  // A link into a folded part opens it.
  const reveal = () => {
    const target = location.hash.length > 1 ? byId(decodeURIComponent(location.hash.slice(1))) : null;
    for (let e = target; e; e = e.parentElement) if (e instanceof HTMLDetailsElement) e.open = true;
    if (target?.hasAttribute('data-step')) target.focus({ preventScroll: true });
  };
  addEventListener('hashchange', reveal);
  reveal();
  if (matchMedia('(max-width: 760px)').matches && !document.querySelector('[aria-invalid]')) document.querySelectorAll('details.filters').forEach(d => { d.open = false; });

  // Charts: the value under the pointer.
  const readOut = (plot, x) => {
    const svg = plot.querySelector('svg');
    const lines = plot.chart ??= JSON.parse(plot.dataset.chart);
    const first = Math.min(...lines.map(l => l.steps[0])), last = Math.max(...lines.map(l => l.steps.at(-1)));
    const wanted = first + x * (last - first);
    const nearest = l => l.steps.reduce((best, s, i) => Math.abs(s - wanted) < Math.abs(l.steps[best] - wanted) ? i : best, 0);
    const at = lines[0].steps[nearest(lines[0])];
    plot.querySelector('.readout').textContent = `${at}: ` + lines.map(l => `${lines.length > 1 ? l.label + ' ' : ''}${l.shown[nearest(l)]}`).join(', ');
    let cursor = svg.querySelector('.cursor');
    if (!cursor) {
      cursor = document.createElementNS('http://www.w3.org/2000/svg', 'path');
      cursor.setAttribute('class', 'cursor');
      svg.append(cursor);
    }
    cursor.setAttribute('d', `M${last === first ? 200 : (at - first) / (last - first) * 400} 0V120`);
  };
  document.addEventListener('pointermove', e => {
    const plot = e.target.closest?.('.plot[data-chart]');
    document.querySelectorAll('.plot .cursor').forEach(c => { if (c.closest('.plot') !== plot) { c.closest('.plot').querySelector('.readout').textContent = ''; c.remove(); } });
    if (!plot) return;
    const box = plot.querySelector('svg').getBoundingClientRect();
    readOut(plot, Math.min(1, Math.max(0, (e.clientX - box.left) / box.width)));
  });

  // Live: ask whether the run's files have changed; then fetch this very page and exchange the parts that change.
  if (document.body.dataset.live !== 'yes') return;
  const live = document.querySelector('.live');
  const more = document.querySelector('.more-episodes');
  let fresh = null, ended = null;
  const exchange = (page, asked) => {
    for (const part of document.querySelectorAll('[data-refresh]')) {
      if ((part.dataset.refreshWhen === 'asked') !== asked) continue;
      const next = page.querySelector(`[data-refresh="${part.dataset.refresh}"]`);
      if (next && !part.contains(document.activeElement)) part.replaceChildren(...next.childNodes);
    }
  };
  const ask = async () => {
    if (document.hidden) return;
    try {
      const stamp = await (await fetch('/stamp', { cache: 'no-store' })).text();
      live.hidden = false;
      if (ended) live.textContent = ended;
      ended = null;
      if (stamp === document.body.dataset.stamp) return;
      const answer = await fetch(location.href, { cache: 'no-store' });
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
      const was = document.body.dataset.stamp.split('-')[1];
      document.body.dataset.stamp = page.body.dataset.stamp;
      exchange(page, false);
      if (more && was !== page.body.dataset.stamp.split('-')[1]) {
        fresh = page;
        more.hidden = false;
      }
    } catch {
      ended ??= live.textContent;
      live.textContent = 'the inspector has ended';
    }
  };
  more?.addEventListener('click', () => {
    more.hidden = true;
    more.blur();
    if (fresh) exchange(fresh, true);
  });
  setInterval(ask, 2000);
  document.addEventListener('visibilitychange', ask);
  ask();
})();

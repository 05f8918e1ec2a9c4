/** The script of the panel: copy buttons, dialogs, local times and live log entries. Everything else works without it. */
export const panelScript = `'use strict';
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  const localize = (root) => {
    for (const time of all('time[datetime]', root)) {
      const date = new Date(time.dateTime);
      if (Number.isNaN(date.getTime())) continue;
      time.title = time.dateTime;
      time.textContent = 'day' in time.dataset
        ? date.toLocaleDateString(undefined, { dateStyle: 'medium' })
        : date.toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
    }
  };
  localize(document);
  for (const note of all('[data-zone]')) {
    const zone = new Intl.DateTimeFormat().resolvedOptions().timeZone;
    note.textContent = 'Times are in the time zone of your browser' + (zone ? ': ' + zone : '') + '.';
  }

  const announcement = document.createElement('p');
  announcement.className = 'unseen';
  announcement.setAttribute('role', 'status');
  document.querySelector('.scim-panel')?.append(announcement);

  for (const button of all('[data-copy]')) {
    if (navigator.clipboard === undefined) continue;
    button.hidden = false;
    const label = button.innerHTML;
    button.addEventListener('click', async () => {
      const source = document.getElementById(button.dataset.copy);
      try {
        await navigator.clipboard.writeText(source.textContent);
        button.textContent = 'Copied';
        announcement.textContent = 'Copied';
      } catch {
        getSelection()?.selectAllChildren(source);
        button.textContent = 'Press Ctrl+C';
      }
      setTimeout(() => {
        button.innerHTML = label;
        announcement.textContent = '';
      }, 2000);
    });
  }

  for (const link of all('[data-dialog]')) {
    const dialog = document.getElementById(link.dataset.dialog);
    if (dialog === null) continue;
    link.setAttribute('role', 'button');
    link.setAttribute('aria-haspopup', 'dialog');
    link.addEventListener('keydown', (event) => {
      if (event.key === ' ') {
        event.preventDefault();
        link.click();
      }
    });
    link.addEventListener('click', (event) => {
      if (event.metaKey || event.ctrlKey || event.shiftKey) return;
      event.preventDefault();
      dialog.showModal();
    });
  }
  for (const dialog of all('dialog')) {
    dialog.addEventListener('click', (event) => {
      if (event.target === dialog) dialog.close();
    });
  }

  for (const form of all('form[data-setup]')) {
    const take = () => {
      if (location.hash.length < 2) return;
      form.elements.code.value = location.hash.slice(1);
      // The link must not stay in the history of the browser.
      history.replaceState(null, '', location.pathname);
    };
    take();
    addEventListener('hashchange', take);
  }

  for (const form of all('form[data-confirm]')) {
    const dialog = document.getElementById(form.dataset.confirm);
    form.addEventListener('submit', (event) => {
      if (dialog === null || form.elements.enabled.value !== 'false') return;
      event.preventDefault();
      dialog.showModal();
    });
  }

  for (const button of all('[data-live]')) {
    const list = document.querySelector('[data-live-list]');
    const status = document.querySelector('[data-live-status]');
    if (list === null || typeof EventSource === 'undefined') continue;
    button.hidden = false;
    const maxEntries = 200;
    let source;
    let newEntries = 0;
    let announceTimer;
    const announce = () => {
      announceTimer = undefined;
      status.textContent = newEntries === 1 ? '1 new entry' : newEntries + ' new entries';
      newEntries = 0;
    };
    const show = (event) => {
      const page = new DOMParser().parseFromString(event.data, 'text/html');
      const entry = page.querySelector('li.entry');
      if (entry === null || document.getElementById(entry.id) !== null) return;
      localize(entry);
      entry.classList.add('fresh');
      list.prepend(document.adoptNode(entry));
      all('.empty', list.parentElement).forEach((each) => each.remove());
      while (list.children.length > maxEntries) list.lastElementChild.remove();
      newEntries += 1;
      announceTimer ??= setTimeout(announce, 1500);
    };
    const start = () => {
      const newest = list.firstElementChild?.id.replace('entry-', '') ?? '';
      const url = new URL(button.dataset.live, location.href);
      url.searchParams.set('after', newest);
      source = new EventSource(url);
      source.addEventListener('entry', show);
      source.addEventListener('error', () => {
        button.dataset.state = 'waiting';
      });
      source.addEventListener('open', () => {
        button.dataset.state = 'on';
      });
    };
    const stop = () => {
      source?.close();
      source = undefined;
      button.dataset.state = 'off';
    };
    button.addEventListener('click', () => {
      const on = button.getAttribute('aria-pressed') !== 'true';
      button.setAttribute('aria-pressed', String(on));
      if (on) start();
      else stop();
    });
    addEventListener('pagehide', stop);
    start();
  }
})();
`;

// Loaded before anything is drawn: the theme must be known, or a dark page would flash white.
(function () {
  const root = document.documentElement;
  const isDark = () => root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  root.classList.toggle('is-dark', isDark());

  window.llmeval = {
    setTheme(theme) {
      root.dataset.theme = theme;
      root.classList.toggle('is-dark', theme === 'dark');
      document.cookie = `llmeval.theme=${theme};path=/;max-age=31536000;samesite=lax`;
    },
    submit(id) {
      document.getElementById(id).submit();
    },
    async download(name, stream) {
      const url = URL.createObjectURL(new Blob([await stream.arrayBuffer()]));
      const link = document.createElement('a');
      link.href = url;
      link.download = name;
      link.click();
      URL.revokeObjectURL(url);
    },
    // Pages without TLS have no clipboard API; there a hidden field is copied from.
    async copy(text) {
      if (navigator.clipboard) {
        try {
          await navigator.clipboard.writeText(text);
          return true;
        } catch {
          // Not allowed: the other way may be.
        }
      }
      const field = document.createElement('textarea');
      field.value = text;
      field.style.position = 'fixed';
      field.style.opacity = '0';
      document.body.append(field);
      field.select();
      const isCopied = document.execCommand('copy');
      field.remove();
      return isCopied;
    },
    replaceAddress(url) {
      history.replaceState(history.state, '', url);
    },
    // Single keys of a page that is worked by keyboard; fields keep theirs, but for Ctrl+Enter and Escape.
    // Some keys lead into a field, at once: what is typed next belongs there.
    listenToKeys(page, keys, fields) {
      // A dialog that opens above what listens has the keys to itself.
      const depth = () => document.querySelectorAll('.mud-dialog').length;
      const own = depth();
      const listener = (event) => {
        if (event.altKey || event.metaKey || event.isComposing || depth() > own) {
          return;
        }
        const field = event.target.closest?.('input, textarea, select, [contenteditable]');
        if (field && event.key === 'Escape') {
          field.blur();
        } else if (event.key === 'Enter' && (field ? event.ctrlKey : !event.target.closest('button, a, summary'))) {
          event.preventDefault();
          // What was typed is told, and the next single key is a key again.
          field?.blur();
          page.invokeMethodAsync('KeyAsync', 'Enter');
        } else if (!field && !event.ctrlKey && fields[event.key.toLowerCase()]) {
          event.preventDefault();
          document.querySelector(fields[event.key.toLowerCase()])?.focus();
        } else if (!field && !event.ctrlKey && !event.repeat && keys.includes(event.key.toLowerCase())) {
          event.preventDefault();
          page.invokeMethodAsync('KeyAsync', event.key.toLowerCase());
        }
      };
      document.addEventListener('keydown', listener);
      return { stop: () => document.removeEventListener('keydown', listener) };
    },
    // Within its own frame only: the page around it stays where it is.
    scrollToEnd(id) {
      const frame = document.getElementById(id);
      if (frame) {
        frame.scrollTop = frame.scrollHeight;
      }
    },
    scrollTo(id) {
      document.getElementById(id)?.scrollIntoView({ block: 'center' });
    },
  };

  document.addEventListener('keydown', (event) => {
    const button = event.altKey && !event.ctrlKey && !event.metaKey && document.querySelector(`[data-shortcut="Alt+${CSS.escape(event.key)}"]:not(:disabled)`);
    if (button) {
      event.preventDefault();
      button.click();
      return;
    }
    const box = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === 'k' && document.getElementById('global-search');
    if (box) {
      event.preventDefault();
      box.focus();
      box.select();
    }
  });

  document.addEventListener('click', (event) => {
    const action = event.target.closest?.('[data-reconnect]')?.dataset.reconnect;
    if (action === 'reload') {
      location.reload();
    } else if (action === 'retry') {
      Blazor.reconnect().then((isBack) => { if (!isBack) { location.reload(); } }).catch(() => location.reload());
    }
  });
})();

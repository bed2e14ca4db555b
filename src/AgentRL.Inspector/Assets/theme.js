// Runs before the first paint: the theme that was chosen here, where one was.
(() => {
  try {
    const theme = localStorage.getItem('agentrl-theme');
    if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
  } catch { /* storage is off: the system's theme it is */ }
  document.documentElement.classList.add('has-script');
})();

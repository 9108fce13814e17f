// Dresses the page as it was when it was last open, before anything is painted.
// What is remembered are attributes of <html>, written by src/services/look.ts.
try {
  const look = JSON.parse(localStorage.getItem('roost:look') ?? '{}');
  for (const [name, value] of Object.entries(look)) document.documentElement.setAttribute(name, value);
} catch {
  // Remembering is forbidden here: the page looks as the system does until it has been asked.
}

// The one open menu: -> {menus, items: [{name, enabled}]}.
return awaited((late) => {
  const open = within(document, select.menus);
  const items = open.length === 1 ? controls(open[0]) : [];
  if (items.length === 0 && !late) return null;
  return {
    menus: open.length,
    items: items.map((item) => ({ name: named(item), enabled: enabled(item) })),
  };
});

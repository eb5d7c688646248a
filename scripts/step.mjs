/** Runs one step of the start, and says so with a line when it takes longer than a second. */
export async function step(what, work) {
  const began = Date.now();
  let said = false;
  const timer = setTimeout(() => {
    said = true;
    console.log(`${what} …`);
  }, 1000);
  try {
    const result = await work();
    if (said) console.log(`${what}: done in ${((Date.now() - began) / 1000).toFixed(1)} s`);
    return result;
  } finally {
    clearTimeout(timer);
  }
}

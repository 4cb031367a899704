# Words, counts and tables: strings that are built, split, joined and hashed, dictionaries, sorting.
# bench-args: small=1000 large=30000
import sys

CONSONANTS = "bcdfgklmnprstvz"
VOWELS = "aeiou"


def make_word(number):
    letters = []
    while True:
        letters.append(CONSONANTS[number % 15])
        number //= 15
        letters.append(VOWELS[number % 5])
        number //= 5
        if number == 0:
            return "".join(letters)


def make_text(n, seed):
    words = []
    state = seed
    for _ in range(n):
        state = (state * 1103515245 + 12345) % 2147483648
        words.append(make_word((state >> 12) % 2000))
    return " ".join(words)


def count_words(text):
    counts = {}
    for word in text.split():
        counts[word] = counts.get(word, 0) + 1
    return counts


def index_letters(counts):
    index = {}
    for word in counts:
        for letter in word:
            if letter in index:
                index[letter] += counts[word]
            else:
                index[letter] = counts[word]
    return index


def anagrams(counts):
    groups = {}
    for word in counts:
        key = "".join(sorted(word))
        groups.setdefault(key, []).append(word)
    return [sorted(group) for group in groups.values() if len(group) > 1]


def round_of(n, seed):
    text = make_text(n, seed)
    counts = count_words(text)
    ranking = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    for word, count in ranking[:3]:
        print(f"{word:>8} {count:5d}")
    letters = index_letters(counts)
    print(",".join(f"{letter}={letters[letter]}" for letter in sorted(letters)))
    groups = anagrams(counts)
    groups.sort()
    print(len(counts), len(groups), groups[0] if groups else None)
    replaced = text.replace("ba", "BA").upper().count("BA")
    print(len(text), replaced, text[:20].title(), text.find(ranking[0][0]) >= 0)
    table = {}
    for i in range(n):
        key = "k" + str(i % 500)
        table[key] = table.get(key, 0) + i
    print(sum(table.values()), max(table, key=lambda key: (table[key], key)))


def main():
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 30000
    for seed in range(42, 47):
        round_of(n, seed)


main()

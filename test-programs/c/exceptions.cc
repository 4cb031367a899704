// C++: exceptions through frames with destructors, virtual calls, containers, streams.
#include <algorithm>
#include <iostream>
#include <map>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

struct Shape {
    virtual ~Shape() = default;
    virtual double area() const = 0;
};
struct Square : Shape {
    double side;
    explicit Square(double s) : side(s) {}
    double area() const override { return side * side; }
};
struct Circle : Shape {
    double radius;
    explicit Circle(double r) : radius(r) {}
    double area() const override { return 3.0 * radius * radius; }
};

struct Guard {
    std::string name;
    ~Guard() { std::cout << "leaving " << name << "\n"; }
};

static int depth(int n) {
    Guard g{"depth " + std::to_string(n)};
    if (n == 0) throw std::runtime_error("the bottom");
    return depth(n - 1) + 1;
}

int main() {
    try {
        std::cout << depth(2) << "\n";
    } catch (const std::logic_error &) {
        std::cout << "the wrong handler\n";
    } catch (const std::exception &e) {
        std::cout << "caught " << e.what() << "\n";
    }
    try {
        std::vector<int> v(3);
        v.at(5) = 1;
    } catch (const std::out_of_range &) {
        std::cout << "out of range\n";
    }
    std::vector<std::unique_ptr<Shape>> shapes;
    for (int i = 1; i <= 4; i++) {
        if (i % 2) shapes.push_back(std::make_unique<Square>(i));
        else shapes.push_back(std::make_unique<Circle>(i));
    }
    double sum = 0;
    for (const auto &s : shapes) sum += s->area();
    std::cout << "area " << sum << "\n";
    std::map<std::string, int> words;
    std::istringstream text("the cat and the dog and the bird");
    for (std::string w; text >> w;) words[w]++;
    for (const auto &[w, n] : words) std::cout << w << " " << n << "\n";
    std::vector<int> numbers{5, 3, 9, 1};
    std::sort(numbers.begin(), numbers.end(), [](int a, int b) { return a > b; });
    for (int n : numbers) std::cout << n << " ";
    std::cout << "\n";
    return 0;
}
